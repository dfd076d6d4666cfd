"""How `datamind check` writes what its checks found."""
