"""The words of the method as frozen records and enums. Standard library only."""
