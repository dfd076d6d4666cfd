"""The Streamlit page. It talks HTTP to the gateway and imports nothing else of ours, so people see what the API allows."""
