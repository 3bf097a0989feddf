# Build: docker build -t replicanary .
# Run:   docker run --read-only --cap-drop ALL -p 9977:9977 \
#          -v ./replicanary.yaml:/etc/replicanary/replicanary.yaml:ro replicanary
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build

# The dependencies alone first: they change seldom, and this layer is kept while they do not.
COPY Cargo.toml Cargo.lock ./
RUN mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked \
    && rm -r src

COPY config config
COPY src src
# cargo goes by time of modification, and the empty sources above may be newer than the real ones.
RUN find src -name '*.rs' -exec touch {} + \
    && cargo build --release --locked \
    && target/release/replicanary --version

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Replicanary" \
      org.opencontainers.image.description="Proves that S3 replicas arrive, and says why when they do not" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.documentation="deploy/README.md"
COPY --from=build /build/target/release/replicanary /usr/local/bin/replicanary
USER 65532:65532
EXPOSE 9977
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/usr/local/bin/replicanary", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/replicanary"]
CMD ["run", "--config", "/etc/replicanary/replicanary.yaml"]
