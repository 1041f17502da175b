"""Ours, not moto's: automated backups of RDS instances that are replicated to another region, which moto does not have."""


def replicate_automated_backups() -> None:
    """Start, stop and describe (RDS API reference): asked in the region of the copies, told by the instance itself.

    The instance names a new replication the second time it is described.
    """
    from moto.core.responses import ActionResult
    from moto.rds.models import DBInstance, RDSBackend, rds_backends
    from moto.rds.responses import RDSResponse

    backups = {}

    def source_of(self):
        arn = self.params.get("SourceDBInstanceArn")
        _, _, _, region, account, _, name = arn.split(":")
        [instance] = rds_backends[account][region].describe_db_instances(name)
        if region == self.region:
            raise ValueError("a region does not replicate to itself")
        return arn, instance

    def start(self):
        arn, instance = source_of(self)
        own = f"arn:aws:rds:{self.region}:{arn.split(':')[4]}:auto-backup:ab-{len(backups)}"
        backups[own] = {
            "DBInstanceAutomatedBackupsArn": own,
            "DBInstanceArn": arn,
            "BackupRetentionPeriod": self.params.get("BackupRetentionPeriod", 7),
            "Status": "replicating",
        }
        if self.params.get("KmsKeyId"):
            backups[own]["KmsKeyId"] = self.params.get("KmsKeyId")
        instance.__dict__.setdefault("coming_replications", []).append(own)
        return ActionResult({"DBInstanceAutomatedBackup": {**backups[own], "Status": "pending"}})

    def stop(self):
        arn, instance = source_of(self)
        held = getattr(instance, "replications", [])
        instance.replications = [one for one in held if one.split(":")[3] != self.region]
        return ActionResult({"DBInstanceAutomatedBackup": {"DBInstanceArn": arn, "Status": "stopping"}})

    def describe(self):
        found = backups.get(self.params.get("DBInstanceAutomatedBackupsArn"))
        return ActionResult({"DBInstanceAutomatedBackups": [found] if found else []})

    def replications(self):
        return [{"DBInstanceAutomatedBackupsArn": arn} for arn in getattr(self, "replications", [])]

    described = RDSBackend.describe_db_instances

    def describe_db_instances(self, *args, **kwargs):
        found = described(self, *args, **kwargs)
        for one in found:
            one.looks = getattr(one, "looks", 0) + 1
            if one.looks % 2 == 0:
                one.replications = [*getattr(one, "replications", []), *getattr(one, "coming_replications", [])]
                one.coming_replications = []
        return found

    RDSBackend.describe_db_instances = describe_db_instances
    DBInstance.db_instance_automated_backups_replications = property(replications)
    RDSResponse.start_db_instance_automated_backups_replication = start
    RDSResponse.stop_db_instance_automated_backups_replication = stop
    RDSResponse.describe_db_instance_automated_backups = describe
