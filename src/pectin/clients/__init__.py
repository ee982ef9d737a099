"""Outward: other systems behind the ports, one file each. A client is imported when it is first used."""
