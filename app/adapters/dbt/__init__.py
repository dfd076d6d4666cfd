"""dbt at arm's length: its project folder, its profiles and its commands. What its artifacts mean is the compiler's business."""
