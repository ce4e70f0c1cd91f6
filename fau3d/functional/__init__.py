"""Pure functions on arrays: geometry, heatmaps, agreement, detection, smoothing, windows."""
