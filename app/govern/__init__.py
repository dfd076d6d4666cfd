"""Governance: who may see what, the firewall over SQL, and the only maker of GovernedSql. See docs/problems/DM4xxx.md."""
