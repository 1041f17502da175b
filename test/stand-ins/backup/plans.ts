import {
  account,
  found,
  newId,
  now,
  page,
  Refused,
  type Fields,
  type Operation,
  type Place,
  type Plan,
} from './state.ts';

const planOf = ({ region }: Place, { BackupPlanId }: Fields): Plan => found(region.plans, BackupPlanId);

/** Rules get ids; the vaults they name must be there. */
function stored({ region, state }: Place, plan: Fields): Fields {
  const rules = (plan['Rules'] as Fields[]).map((rule) => ({ ...rule, RuleId: newId(state) }));
  for (const { TargetBackupVaultName: name } of rules as Fields[])
    if (!region.vaults.has(String(name)))
      throw new Refused('InvalidParameterValueException', `The vault ${String(name)} does not exist`);
  return { ...plan, Rules: rules };
}

/** A plan without the ids of its rules. */
function documentOf(plan: Fields): string {
  const rules = (plan['Rules'] as Fields[]).map((rule) => ({ ...rule, RuleId: undefined }));
  return JSON.stringify({ ...plan, Rules: rules });
}

const createBackupPlan: Operation = (place, { BackupPlan, BackupPlanTags = {}, CreatorRequestId }) => {
  const { region, name, state } = place;
  const text = documentOf(BackupPlan as Fields);
  if ([...region.plans.values()].some(({ facts }) => documentOf(facts['BackupPlan'] as Fields) === text))
    throw new Refused('AlreadyExistsException', 'Backup plan with the same plan document already exists');
  const BackupPlanId = newId(state);
  const facts: Fields = {
    BackupPlan: stored(place, BackupPlan as Fields),
    BackupPlanId,
    BackupPlanArn: `arn:aws:backup:${name}:${account}:backup-plan:${BackupPlanId}`,
    VersionId: `v${newId(state)}`,
    CreationDate: now(state),
    ...(CreatorRequestId === undefined ? {} : { CreatorRequestId }),
  };
  region.plans.set(BackupPlanId, { facts, selections: new Map() });
  region.tags.set(String(facts['BackupPlanArn']), BackupPlanTags as Record<string, string>);
  return facts;
};

const createBackupSelection: Operation = (place, input) => {
  const { state } = place;
  const { BackupPlanId, BackupSelection, CreatorRequestId } = input;
  const { selections } = planOf(place, input);
  const { SelectionName, IamRoleArn } = BackupSelection as Fields;
  const again = [...selections.values()].find((one) => one['SelectionName'] === SelectionName);
  if (again && again['CreatorRequestId'] !== CreatorRequestId)
    throw new Refused('AlreadyExistsException', `${String(SelectionName)} exists`);
  if (again) return again;
  const made = {
    ...input,
    SelectionId: newId(state),
    SelectionName,
    IamRoleArn,
    CreationDate: now(state),
    BackupPlanId,
  };
  selections.set(made.SelectionId, made);
  return made;
};

/** Plans with versions, and what they select. */
export const plans: Readonly<Record<string, Operation>> = {
  CreateBackupPlan: createBackupPlan,
  UpdateBackupPlan(place, input) {
    const { facts } = planOf(place, input);
    const VersionId = `v${newId(place.state)}`;
    return Object.assign(facts, { BackupPlan: stored(place, input['BackupPlan'] as Fields), VersionId });
  },
  GetBackupPlan: (place, input) => planOf(place, input).facts,
  DeleteBackupPlan(place, input) {
    if (planOf(place, input).selections.size > 0)
      throw new Refused('InvalidRequestException', 'Related backup plan selections must be deleted prior');
    place.region.plans.delete(String(input['BackupPlanId']));
    return {};
  },
  ListBackupPlans({ region }, input) {
    const all = [...region.plans.values()].map(({ facts }) => {
      const { BackupPlanName } = facts['BackupPlan'] as Fields;
      return { ...facts, BackupPlan: undefined, BackupPlanName };
    });
    const { items, next } = page(all, input);
    return { BackupPlansList: items, ...next };
  },
  CreateBackupSelection: createBackupSelection,
  GetBackupSelection: (place, input) => found(planOf(place, input).selections, input['SelectionId']),
  DeleteBackupSelection(place, input) {
    found(planOf(place, input).selections, input['SelectionId']);
    planOf(place, input).selections.delete(String(input['SelectionId']));
    return {};
  },
  ListBackupSelections(place, input) {
    const all = [...planOf(place, input).selections.values()].map((one) => ({ ...one, BackupSelection: undefined }));
    const { items, next } = page(all, input);
    return { BackupSelectionsList: items, ...next };
  },
};
