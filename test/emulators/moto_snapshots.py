"""Ours, not moto's: snapshots of RDS that take their time, so that what waits for them can be seen to wait."""


def make_snapshots_take_time() -> None:
    """A new RDS snapshot is `creating`, its progress in percent, before it is `available`; moto's are available at once.

    Each time it is described by its name it is half of the way further. What is not available can neither be copied nor
    restored from (InvalidDBSnapshotState, InvalidDBClusterSnapshotStateFault).
    """
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBClusterSnapshot, DBSnapshot, RDSBackend

    def taking_time(kind):
        original = kind.__init__

        def init(self, *args, **kwargs):
            original(self, *args, **kwargs)
            self.status = "creating"
            self.percent_progress = 0

        kind.__init__ = init

    def further(snapshots):
        for one in snapshots:
            if one.status != "creating":
                continue
            one.looks = getattr(one, "looks", 0) + 1
            one.percent_progress = min(100, 50 * (one.looks - 1))
            if one.percent_progress == 100:
                one.status = "available"
        return snapshots

    def refuse_unready(snapshot, code):
        if snapshot.status != "available":
            raise RDSClientError(code, f"The snapshot is not in available state: {snapshot.status}")

    def describing(name):
        original = getattr(RDSBackend, name)

        def describe(self, owner=None, snapshot=None, *args, **kwargs):
            owner = kwargs.pop("db_instance_identifier", kwargs.pop("db_cluster_identifier", owner))
            snapshot = kwargs.pop("db_snapshot_identifier", snapshot)
            found = original(self, owner, snapshot, *args, **kwargs)
            return further(found) if snapshot else found

        setattr(RDSBackend, name, describe)

    def guarded(name, get, code):
        original = getattr(RDSBackend, name)

        def guard(self, snapshot=None, *args, **kwargs):
            named = [key for key in kwargs if key.startswith("source_db") or key == "from_snapshot_id"]
            source = snapshot or kwargs[named[0]]
            refuse_unready(getattr(self, get)(source), code)
            return original(self, *([snapshot] if snapshot else []), *args, **kwargs)

        setattr(RDSBackend, name, guard)

    taking_time(DBSnapshot)
    taking_time(DBClusterSnapshot)
    describing("describe_db_snapshots")
    describing("describe_db_cluster_snapshots")
    for name in ("copy_db_snapshot", "restore_db_instance_from_db_snapshot"):
        guarded(name, "get_db_snapshot", "InvalidDBSnapshotState")
    for name in ("copy_db_cluster_snapshot", "restore_db_cluster_from_snapshot"):
        guarded(name, "get_db_cluster_snapshot", "InvalidDBClusterSnapshotStateFault")

    def replacing(name, held):
        """Automated snapshots go with their database; moto keeps them, so that none can be made anew in the same minute."""
        original = getattr(RDSBackend, name)

        def make(self, database, snapshot):
            getattr(self, held).pop(snapshot, None)
            made = original(self, database, snapshot)
            made.status = "available"
            return made

        setattr(RDSBackend, name, make)

    replacing("create_auto_snapshot", "database_snapshots")
    replacing("create_auto_cluster_snapshot", "cluster_snapshots")

    def restore_cluster_to_point_in_time(self, db_cluster_identifier, source_db_cluster_identifier, **overrides):
        """A cluster as its original is set (RestoreDBClusterToPointInTime); moto's own copies what none can be made with."""
        [original] = self.describe_db_clusters(db_cluster_identifier=source_db_cluster_identifier)
        passing = ("restore_type", "restore_to_time", "use_latest_restorable_time")
        said = {key: value for key, value in overrides.items() if value and key not in passing}
        return self.create_db_cluster({**original.get_cfg(), **said, "db_cluster_identifier": db_cluster_identifier})

    RDSBackend.restore_db_cluster_to_point_in_time = restore_cluster_to_point_in_time

    def restore_instance_to_point_in_time(self, source, target, overrides, original=RDSBackend.restore_db_instance_to_point_in_time):
        """What is restored is no replica of its original (RestoreDBInstanceToPointInTime); moto calls it one."""
        said = {key: value for key, value in overrides.items() if key != "source_db_instance_identifier"}
        return original(self, source, target, said)

    RDSBackend.restore_db_instance_to_point_in_time = restore_instance_to_point_in_time
