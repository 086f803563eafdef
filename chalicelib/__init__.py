"""The payment gateway: the code of the Lambda functions, together with ``app.py``."""
