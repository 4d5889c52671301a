"""Lines of output: kept within bounds, ordered, filtered, searched and made safe to show. Pure."""
