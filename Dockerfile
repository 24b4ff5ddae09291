FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# Builds when there is no build of these sources, and stamps it, exactly as npm start does.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-trixie-slim
# pg_dump and its siblings, of the version that compose.yaml runs.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app ./
RUN install --directory --owner=node --group=node --mode=700 /data
USER node
ENV NODE_ENV=production CARETAKER_DATA=/data PGBIN=/usr/lib/postgresql/17/bin
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Migrates, then runs web and worker. To scale, run `node .next/standalone/server.js` and `node bin/worker.ts` by themselves.
CMD ["node", "bin/start/main.ts", "--host", "0.0.0.0", "--port", "3000"]
