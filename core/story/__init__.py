"""What the lessons compute and ask: a module a lesson, named as its page in pages/learn/."""
