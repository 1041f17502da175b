"""Ours, not moto's: backups and restores of DynamoDB that take their time, and what DescribeTable says of restored tables."""


def make_backups_take_time() -> None:
    """A new backup is CREATING before it is AVAILABLE (BackupDetails), a restored table CREATING before it is ACTIVE.

    A backup becomes available the third time it is described; a table active the second time. From a backup that is not
    available nothing is restored (BackupInUseException). RestoreSummary says the point in time that was asked for (its
    RestoreDateTime: "Point in time or source backup time"), and the table is billed as its source was.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Backup, RestoredPITTable, RestoredTable
    from moto.dynamodb.responses import DynamoHandler, DynamoResult

    make = Backup.__init__

    def init(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self.status = "CREATING"
        self.looks = 0

    Backup.__init__ = init
    describe_backup = DynamoDBBackend.describe_backup

    def describe(self, backup_arn):
        backup = describe_backup(self, backup_arn)
        backup.looks += 1
        if backup.status == "CREATING" and backup.looks > 2:
            backup.status = "AVAILABLE"
        return backup

    DynamoDBBackend.describe_backup = describe
    from_backup = DynamoDBBackend.restore_table_from_backup

    def restore_table_from_backup(self, target_table_name, backup_arn):
        if self.get_backup(backup_arn).status != "AVAILABLE":
            raise JsonRESTError("BackupInUseException", "Backup is being created")
        return from_backup(self, target_table_name, backup_arn)

    DynamoDBBackend.restore_table_from_backup = restore_table_from_backup

    def becoming_active(kind, source_of):
        create = kind.__init__
        tell = kind.describe

        def init(self, *args, **kwargs):
            create(self, *args, **kwargs)
            source = source_of(kwargs)
            self.billing_mode = source.billing_mode
            self.restore_looks = 0

        def describe(self, base_key="TableDescription"):
            answer = tell(self, base_key)
            self.restore_looks += 1
            if self.restore_looks < 3:
                answer[base_key]["TableStatus"] = "CREATING"
                answer[base_key]["RestoreSummary"]["RestoreInProgress"] = True
            return answer

        kind.__init__ = init
        kind.describe = describe

    becoming_active(RestoredTable, lambda given: given["backup"].table)
    becoming_active(RestoredPITTable, lambda given: given["source"])

    def restore_table_to_point_in_time(self):
        """By name or by ARN of the source (RestoreTableToPointInTime); moto knows names only."""
        source = self.body.get("SourceTableName") or self.body["SourceTableArn"].split("/")[-1]
        table = self.dynamodb_backend.restore_table_to_point_in_time(self.body.get("TargetTableName"), source)
        if self.body.get("RestoreDateTime"):
            table.restore_date_time = self.body["RestoreDateTime"]
        return DynamoResult(table.describe())

    DynamoHandler.restore_table_to_point_in_time = restore_table_to_point_in_time
