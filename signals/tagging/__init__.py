"""From what was said to labels: text features, the classifier, its training and its evaluation."""
