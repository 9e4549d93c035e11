package io.scopegate.gateway.cli;

import io.scopegate.config.JsonSchema;
import io.scopegate.config.Reference;
import io.scopegate.gateway.configuration.GatewayConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scopegate schema}. */
@Command(
    name = "schema",
    description = "Print the JSON Schema of the configuration.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class SchemaCommand implements Callable<Integer> {
  /** How the schema is printed. */
  enum Format {
    json,
    markdown
  }

  @Option(
      names = "--format",
      defaultValue = "json",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Format format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (format) {
          case json -> JsonSchema.of(GatewayConfig.class, "Scopegate");
          case markdown -> Reference.of(GatewayConfig.class);
        });
    out.flush();
    return Main.OK;
  }
}
