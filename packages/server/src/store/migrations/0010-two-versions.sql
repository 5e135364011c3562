-- The API versions that have a name for everything that a job was given: the others do not show it.
alter table job
  add column in_v1 boolean not null default true,
  add column in_v2 boolean not null default true;
-- Until now v1 alone could create jobs, and two of its options are unknown to v2.
update job set in_v2 = false where options ? 'colorThresholdLow' or options ? 'colorThresholdHigh';

-- An agent keeps its lease on a job that was cancelled or has failed until its computing has stopped.
alter table job drop constraint only_active_jobs_are_leased;
update job set agent = null where state <> 'active';

-- The container of an iTwin's bucket: an id of our own, since that of the iTwin is the client's choice. Null: never asked for.
alter table itwin add column bucket_id uuid unique;
