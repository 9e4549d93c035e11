package io.scopegate.gateway.cli;

import io.scopegate.config.Secret;
import io.scopegate.gateway.OneShotExplain;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.explain.ExplanationJson;
import io.scopegate.gateway.explain.ExplanationText;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scopegate explain}. */
@Command(
    name = "explain",
    description =
        "Show step by step what would happen to a request, and why. It is decided as by `serve`,"
            + " with the API server, but not forwarded.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class ExplainCommand implements Callable<Integer> {
  /** How it is printed. */
  enum Output {
    text,
    json
  }

  @Mixin private ConfigFile config;

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      description = "Value of the tenant header, several separated by |; default: none.")
  private @Nullable String tenant;

  @Mixin private TokenFile tokenFile;

  @Option(
      names = "--as",
      paramLabel = "USER",
      description =
          "Explain it for this user, or NAMESPACE/NAME of a service account, without a token.")
  private @Nullable String as;

  @Option(
      names = "--groups",
      paramLabel = "GROUPS",
      description = "Groups of --as, separated by commas; Kubernetes' own are added.")
  private @Nullable String groups;

  @Option(
      names = "--exit-code",
      description =
          "Exit with 0 if the request would be forwarded, 1 if it is refused, 3 if nobody could"
              + " decide.")
  private boolean exitCode;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = "HTTP method; default: GET or POST, whichever is served.")
  private @Nullable String method;

  @Option(
      names = "--content-type",
      paramLabel = "TYPE",
      description = "Content type; default: the first one that the endpoint accepts; '' for none.")
  private @Nullable String contentType;

  @Option(
      names = "--http",
      paramLabel = "VERSION",
      description = "1.1 or 2; default: 2 for gRPC, otherwise 1.1.")
  private @Nullable String http;

  @Option(
      names = "--clear-text",
      description = "The connection has no TLS where the listener accepts both.")
  private boolean clearText;

  @Option(
      names = "--origin",
      paramLabel = "ORIGIN",
      description =
          "Origin of the web page that sends the request; with --method OPTIONS it is a preflight"
              + " request.")
  private @Nullable String origin;

  @Option(names = "--host", paramLabel = "HOST", description = "Host that the request names.")
  private List<String> hosts = List.of();

  @ArgGroup(multiplicity = "1")
  private Target target;

  @Option(
      names = "--listener",
      paramLabel = "NAME",
      description = "Listener that receives the request; required when several serve it.")
  private @Nullable String listener;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = Durations.class,
      description = "How long the API server may take; default: ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Output output;

  @Spec private CommandSpec spec;
  private final InputStream in;

  /** Reads from here when the token comes by standard input. */
  ExplainCommand(InputStream in) {
    this.in = in;
  }

  /** Exactly one of the two. */
  static final class Target {
    @Option(names = "--path", paramLabel = "PATH", description = "Path of an HTTP request.")
    private @Nullable String path;

    @Option(
        names = "--grpc",
        paramLabel = "SERVICE/METHOD",
        description = "A gRPC call, such as tempopb.StreamingQuerier/Search.")
    private @Nullable String grpc;
  }

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    return loaded.isValid() ? explain(loaded) : Main.WRONG;
  }

  private int explain(LoadedConfig loaded) {
    Secret authorization;
    try {
      authorization = tokenFile.authorization(in);
    } catch (IOException | IllegalArgumentException e) {
      return wrong(e.getMessage());
    }
    try {
      if (as != null && authorization != null) {
        throw new IllegalArgumentException("--as: with --token-file (expected: one of them)");
      }
      ExplainRequest inquiry =
          ExplainRequest.of(
                  listener,
                  method,
                  target.path,
                  target.grpc,
                  new ExplainRequest.Headers(
                      contentType,
                      tenant,
                      hosts,
                      origin,
                      authorization == null ? List.of() : List.of(authorization)),
                  new ExplainRequest.Connection(http, clearText))
              .as(as, groups);
      Explanation explanation = OneShotExplain.once(loaded.config(), inquiry, timeout);
      print(explanation);
      return exitCode ? explanation.exitCode() : Main.OK;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    } catch (IOException e) {
      return wrong(e.getMessage());
    }
  }

  private int wrong(@Nullable String what) {
    spec.commandLine().getErr().println("scopegate: " + what);
    return Main.WRONG;
  }

  private void print(Explanation explanation) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (output) {
          case text -> ExplanationText.of(explanation);
          case json -> ExplanationJson.of(explanation).encodePrettily() + "\n";
        });
    out.flush();
  }
}
