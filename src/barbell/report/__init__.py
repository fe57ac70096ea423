"""What people read: a page of charts and words made from a run."""
