package io.scopegate.gateway.cli;

import io.scopegate.config.Secret;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.doctor.Doctor;
import io.scopegate.gateway.probe.Finding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scopegate doctor}. */
@Command(
    name = "doctor",
    description =
        "Ask everything that the gateway depends on once (API server, rights, issuers, upstreams,"
            + " Redis, certificates), and say what to do. It changes nothing. Exit code: 0 when"
            + " nothing is wrong, 1 when something is.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class DoctorCommand implements Callable<Integer> {
  @Mixin private ConfigFile config;

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      description = "With --token-file: the tenant for which its rights are checked.")
  private @Nullable String tenant;

  @Mixin private TokenFile tokenFile;

  @Option(names = "--json", description = "Print JSON for programs.")
  private boolean json;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "5s",
      converter = Durations.class,
      description = "How long one question may take; default: ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Spec private CommandSpec spec;
  private final InputStream in;

  /** Reads from here when the token comes by standard input. */
  DoctorCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() {
    LoadedConfig loaded = config.load(spec.commandLine().getErr());
    if (!loaded.isValid()) {
      return Main.WRONG;
    }
    Secret token;
    try {
      token = tokenFile.authorization(in);
    } catch (IOException | IllegalArgumentException e) {
      spec.commandLine().getErr().println("scopegate: " + e.getMessage());
      return Main.WRONG;
    }
    List<Finding> findings = Doctor.examine(loaded, new Doctor.Caller(tenant, token), timeout);
    boolean wrong = findings.stream().anyMatch(f -> f.level() == Finding.Level.ERROR);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? json(findings, !wrong) : text(findings));
    out.flush();
    return wrong ? Main.WRONG : Main.OK;
  }

  private static String text(List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(
          String.format(
              Locale.ROOT, "%-8s %s: %s%n", level(finding), finding.subject(), finding.text()));
      if (!finding.remedy().isEmpty()) {
        text.append("         -> ").append(finding.remedy()).append(System.lineSeparator());
      }
    }
    long errors = count(findings, Finding.Level.ERROR);
    long warnings = count(findings, Finding.Level.WARNING);
    return text.append(
            String.format(
                Locale.ROOT,
                "%d checked, %d wrong, %d to look at%n",
                findings.size(),
                errors,
                warnings))
        .toString();
  }

  private static long count(List<Finding> findings, Finding.Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  private static String level(Finding finding) {
    return finding.level() == Finding.Level.ERROR
        ? "ERROR"
        : finding.level().name().toLowerCase(Locale.ROOT);
  }

  private static String json(List<Finding> findings, boolean fine) {
    JsonArray all = new JsonArray();
    for (Finding finding : findings) {
      all.add(
          new JsonObject()
              .put("level", finding.level().name().toLowerCase(Locale.ROOT))
              .put("subject", finding.subject())
              .put("text", finding.text())
              .put("remedy", finding.remedy()));
    }
    return new JsonObject().put("ok", fine).put("findings", all).encodePrettily() + "\n";
  }
}
