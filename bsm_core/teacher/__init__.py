"""The language model that writes: any OpenAI-compatible endpoint, or the embedded local one."""
