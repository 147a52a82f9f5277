"""Every edge: translate, hand to the desk, translate back. No decisions."""
