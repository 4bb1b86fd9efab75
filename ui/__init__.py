"""The doors: command line, Streamlit."""
