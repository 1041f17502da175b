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


def keep_rotation_periods() -> None:
    """EnableKeyRotation takes RotationPeriodInDays (default 365) and GetKeyRotationStatus tells it (KMS API reference)."""
    import json

    from moto.kms.responses import KmsResponse

    enable = KmsResponse.enable_key_rotation
    status = KmsResponse.get_key_rotation_status

    def key_of(self):
        return self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]

    def enable_key_rotation(self):
        answer = enable(self)
        key_of(self).rotation_period = self._get_param("RotationPeriodInDays") or 365
        return answer

    def get_key_rotation_status(self):
        answer = json.loads(status(self))
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key_of(self), "rotation_period", 365)
        return json.dumps(answer)

    KmsResponse.enable_key_rotation = enable_key_rotation
    KmsResponse.get_key_rotation_status = get_key_rotation_status


def correct_moto() -> None:
    keep_queue_policies()
    keep_rotation_periods()
