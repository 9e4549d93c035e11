package io.scopegate.demo;

/** Prints what runs where, before the tour. */
final class Introduction {
  private Introduction() {}

  static void print(Transcript transcript, Stage stage) {
    Stage.Addresses gateway = stage.addresses();
    transcript.line("   Kubernetes (stand-in)  %s".formatted(stage.kubernetes().url()));
    transcript.line(
        "   Tempo (stand-in)       OTLP/gRPC %d, OTLP/HTTP %d, queries %d"
            .formatted(
                stage.tempo().otlpGrpcPort(),
                stage.tempo().otlpHttpPort(),
                stage.tempo().queryPort()));
    transcript.line(
        "   Scopegate              OTLP/gRPC %d, OTLP/HTTP %d, queries %d, health and metrics %d"
            .formatted(gateway.otlpGrpc(), gateway.otlpHttp(), gateway.query(), gateway.admin()));
    transcript.line("   its files              %s".formatted(stage.directory()));
  }
}
