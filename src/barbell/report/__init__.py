"""What people read: a page of charts and words made from a run, and a short summary for the terminal.

`report.source.Source` is what a report is made of; `report.page.write(source, path)` makes the page,
`report.terminal.summary(console, source)` prints the summary.
"""
