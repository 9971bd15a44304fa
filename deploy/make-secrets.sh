#!/bin/sh
# Makes the secrets of docker-compose.yml in deploy/secrets/, once: what is there is kept. Back the folder up: without
# secret_keys the API passwords in the database cannot be opened.
set -eu
cd "$(dirname "$0")"
# Nobody else may look into the folder. The files in it can be read by every user of a container that gets them.
mkdir -p secrets
chmod 700 secrets
umask 022

make() {
  if [ -s "secrets/$1" ]; then
    echo "kept deploy/secrets/$1"
  else
    printf '%s\n' "$2" >"secrets/$1"
    echo "made deploy/secrets/$1"
  fi
}

make secret_keys "$(openssl rand -base64 32)"
make root_api_password "$(openssl rand -hex 16)"
make monitor_password "$(openssl rand -hex 16)"
make postgres_password "$(openssl rand -hex 16)"
make redis_password "$(openssl rand -hex 16)"
make database_url "postgresql://createcustomer:$(cat secrets/postgres_password)@postgres:5432/createcustomer"
make redis_url "redis://:$(cat secrets/redis_password)@redis:6379"
