"""Personal data in free text: found by patterns that take linear time and by their check digits, and shown as what kind of thing stood there."""
