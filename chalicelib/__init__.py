"""The payment gateway: everything that is packaged into the Lambda functions beside ``app.py``."""
