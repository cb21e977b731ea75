"""Parts of pages: each draws one thing and knows nothing of the page it stands on."""
