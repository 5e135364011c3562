-- A large job is divided into tiles: rows like those of jobs, with leases, attempts and turns of their own, that no version
-- of the API shows. See decision 15.
alter table job
  -- The job that it is a part of. A tile is worked on only while that job is active.
  add column tile_of uuid references job on delete cascade,
  -- {"name", "files", "seconds", "facts"}, as the job type made it.
  add column tile jsonb,
  -- Of a divided job: the attempt whose files the tiles read, how many of them are not done, and between which percentages
  -- they are counted.
  add column divided_attempt integer,
  add column tiles_left integer check (tiles_left >= 0),
  add column tiles_from double precision,
  add column tiles_to double precision,
  add constraint tiles_are_told check ((tile_of is null) = (tile is null)),
  add constraint tiles_are_hidden check (tile_of is null or not (in_v1 or in_v2));
create index tile_by_job on job (tile_of) where tile_of is not null;

-- The end of a tile is no event.
drop trigger job_completed on job;
create trigger job_completed after update of state on job for each row
  when (old.state is distinct from new.state and new.state in ('success', 'failed', 'cancelled') and new.tile_of is null)
  execute function record_job_completed();
