# syntax=docker/dockerfile:1
# The image of deskbridge: docker build --tag deskbridge .
# docs/container.md says what is in it and how to run it.

# As in rust-toolchain.toml; Debian's glibc is the one that the tests run with.
ARG BUILDER=docker.io/library/rust:1.95.0-slim-bookworm

FROM ${BUILDER} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# What compiles SQLite and ring, and the authorities that the image will trust.
# hadolint ignore=DL3008
RUN apt-get update -q \
    && apt-get install -qy --no-install-recommends binutils ca-certificates gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install --locked --version 0.5.9 cargo-cyclonedx
WORKDIR /src
COPY . .
# Dependencies are kept from build to build in these caches, and compiled again only when Cargo.lock or the compiler changes.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --bin deskbridge \
    && scripts/rootfs target/release/deskbridge /rootfs \
    && scripts/sbom /rootfs/sbom.cdx.json

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="deskbridge" \
      org.opencontainers.image.description="Connects help desks: ticket events in, once and in order; ticket views out as fast JSON" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /rootfs/ /
ENV DESKBRIDGE_LISTEN=0.0.0.0:8080 \
    DESKBRIDGE_CONFIG=/etc/deskbridge/deskbridge.yaml \
    DESKBRIDGE_STORE=sqlite:/data/deskbridge.db
# By number, so that Kubernetes can tell that it isn't root.
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/deskbridge", "healthcheck"]
ENTRYPOINT ["/deskbridge"]
CMD ["serve"]
