CREATE TABLE "order" (
  id bigint PRIMARY KEY,
  "user" text DEFAULT 'a;b',
  "group" integer CHECK ("group" > 0)
);
