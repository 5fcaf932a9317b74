"""The pure core: what holds for weekly slots, dates and calendar messages, without database, HTTP or HTML."""
