-- Reality data may belong to several iTwins, in the order in which it came to them.
alter table reality_data add column itwin_ids uuid[] not null default '{}';
update reality_data set itwin_ids = array[itwin_id] where itwin_id is not null;
alter table reality_data drop column itwin_id;
create index reality_data_by_itwin on reality_data using gin (itwin_ids);

-- A folder of the host that it shows instead of a container of its own.
alter table reality_data add column linked_folder text;

-- What the inputs of an active job were found to refer to when it was submitted, scenes followed.
alter table job add column reads uuid[] not null default '{}';

-- Containers whose reality data is deleted: written down with the deletion, kept until their files are surely gone.
create table container_removal (
  id uuid primary key,
  -- Whose files it showed.
  attempt integer not null,
  requested_at timestamptz not null
);
