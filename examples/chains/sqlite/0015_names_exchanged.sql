ALTER TABLE "order" RENAME COLUMN "group" TO parent_id;
ALTER TABLE teams RENAME TO squads;
