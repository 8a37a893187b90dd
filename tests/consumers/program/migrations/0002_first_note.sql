-- up
INSERT INTO note (text) VALUES ('built by a consumer'); -- ${CC} "); [[
