"""A warm process that answers while somebody writes: ``process`` is the server's side, ``service`` the process' own."""
