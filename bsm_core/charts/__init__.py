"""Rows to Plotly figures. No streamlit, no store: figures are made from what the ports return."""
