"""The rules: what each finds, how severe it is, and its page in the manual."""
