"""Ours, not moto's: where moto 5.2.3 forgets what it was told, and a restore could not be told from a failed one.

Each correction names what AWS documents; test/capability shows that moto still needs it.
"""


def keep_queue_policies() -> None:
    """SetQueueAttributes changes the attributes it names (SQS API reference); moto drops the policy with every call."""
    from moto.sqs.models import Queue

    original = Queue._set_attributes

    def set_attributes(self, attributes, now=None):
        policy = getattr(self, "policy", None)
        original(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    Queue._set_attributes = set_attributes


def correct_moto() -> None:
    keep_queue_policies()
