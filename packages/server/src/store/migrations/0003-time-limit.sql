-- What the header alidade-time-limit said; null: the limit of the service holds.
alter table job add column time_limit_minutes double precision check (time_limit_minutes >= 0);

-- Nothing fails without a reason.
update job set errors = '[{"code": "Internal", "title": "Internal error", "message": "The analysis failed for a reason that was not recorded.", "params": []}]'
  where state = 'failed' and errors = '[]';
alter table job add constraint failed_says_why check (state <> 'failed' or errors <> '[]');
