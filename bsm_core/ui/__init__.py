"""What the browser shows. Only this package, ``pages/`` and ``app.py`` import streamlit."""
