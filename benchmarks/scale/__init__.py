"""Large planning cases, written as any user could write them, and the path from their files to the result tables, measured stage by stage."""
