"""Claims about records that are no outages: sites, portals, providers, speeds."""
