package io.scopegate.gateway.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scopegate tenant}. */
@Command(
    name = "tenant",
    description = {
      "Print all that a tenant needs: accounts, rights, a token for Grafana, the collector's"
          + " configuration and the data source. Applies nothing."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class TenantCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "The tenant's name, as clients send it.")
  private String tenant;

  @Option(
      names = "--namespace",
      paramLabel = "NS",
      description = "Namespace of the tenant's accounts; default: the tenant's name.")
  private @Nullable String namespace;

  @Option(
      names = "--mapping",
      paramLabel = "M",
      defaultValue = "tempo-operator",
      description =
          "The gateway's authorization.mapping, tempo-operator or namespaced; default: ${DEFAULT-VALUE}.")
  private String mapping;

  @Option(
      names = "--gateway",
      paramLabel = "HOST",
      defaultValue = "scopegate.scopegate.svc",
      description = "The gateway's host name; default: ${DEFAULT-VALUE}.")
  private String gateway;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    String where = namespace == null ? tenant : namespace;
    out.print(new TenantObjects(tenant, where, TenantObjects.Mapping.of(mapping), gateway).yaml());
    out.flush();
    return Main.OK;
  }
}
