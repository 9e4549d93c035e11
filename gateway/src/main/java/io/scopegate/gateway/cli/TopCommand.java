package io.scopegate.gateway.cli;

import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpCall;
import io.scopegate.config.DurationText;
import io.scopegate.gateway.top.Picture;
import io.scopegate.gateway.top.Scrape;
import io.scopegate.gateway.traffic.Figures;
import io.scopegate.gateway.traffic.Traffic;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scopegate top}. */
@Command(
    name = "top",
    description =
        "Show what a running gateway does: requests, refusals, tenants against their limits,"
            + " upstreams. It reads /metrics of admin.address, so it works through kubectl"
            + " port-forward. End it with Ctrl-C.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the annotated fields
final class TopCommand implements Callable<Integer> {
  /** Of a page with the most tenants. */
  private static final int MOST_BYTES = 32 << 20;

  private static final String CLEAR = "\u001b[H\u001b[2J";

  @Parameters(
      paramLabel = "URL",
      arity = "0..1",
      defaultValue = "http://127.0.0.1:8080",
      description = "Where admin.address is; default: ${DEFAULT-VALUE}.")
  private URI url;

  @Option(
      names = "--interval",
      paramLabel = "DURATION",
      defaultValue = "2s",
      converter = Durations.class,
      description = "Time between two pictures; default: ${DEFAULT-VALUE}.")
  private Duration interval;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "20",
      description = "Tenants to show, the busiest first; default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "5s",
      converter = Durations.class,
      description = "How long the gateway may take to answer; default: ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Option(names = "--once", description = "Print one picture and end.")
  private boolean once;

  @Spec private CommandSpec spec;

  /** What a page said, and when. */
  private record Seen(Figures figures, long nanos) {}

  @Override
  public Integer call() throws InterruptedException {
    if (rows < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rows: " + rows + " (expected: 1 or more)");
    }
    HttpClient client = HttpClient.newBuilder().connectTimeout(timeout).build();
    Seen before = null;
    while (true) {
      try {
        Seen now = new Seen(scrape(client), System.nanoTime());
        if (before != null) {
          show(picture(before, now));
          if (once) {
            return Main.OK;
          }
        }
        before = now;
      } catch (IOException e) {
        String trouble = "scopegate: " + url + ": " + e.getMessage();
        if (before == null || once) {
          spec.commandLine().getErr().println(trouble);
          return Main.WRONG;
        }
        show(List.of(trouble)); // it may be restarted at this moment
      }
      TimeUnit.NANOSECONDS.sleep(interval.toNanos());
    }
  }

  private List<String> picture(Seen before, Seen now) {
    Duration between = Duration.ofNanos(now.nanos - before.nanos);
    return Picture.lines(Traffic.between(before.figures, now.figures, between), rows);
  }

  private void show(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    if (!once) {
      out.print(CLEAR);
    }
    lines.forEach(out::println);
    out.flush();
  }

  private Figures scrape(HttpClient client) throws IOException, InterruptedException {
    HttpRequest request;
    try {
      String base = url.toString().replaceAll("/+$", "");
      request = HttpRequest.newBuilder(URI.create(base + "/metrics")).timeout(timeout).build();
    } catch (IllegalArgumentException e) {
      throw new IOException("no address (expected: a URL such as http://127.0.0.1:8080)", e);
    }
    CompletableFuture<HttpAnswer> answered = new CompletableFuture<>();
    HttpCall call = HttpCall.send(client, request, MOST_BYTES);
    call.whenAnswered((answer, failure) -> {
      if (answer != null) {
        answered.complete(answer);
      } else if (failure != null) {
        answered.completeExceptionally(failure);
      }
    });
    try {
      return checked(answered.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      call.cancel();
      throw new IOException("no answer within " + DurationText.format(timeout), e);
    } catch (ExecutionException e) {
      throw told(e);
    }
  }

  private static IOException told(Throwable failure) {
    String last = "";
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof ConnectException) {
        return new IOException(
            "nobody listens (expected: admin.address of a gateway; kubectl port-forward reaches it)",
            failure);
      }
      last = t.getMessage() == null ? "the connection was lost" : t.getMessage();
    }
    return new IOException(last, failure);
  }

  private static Figures checked(HttpAnswer answer) throws IOException {
    String page = answer.body().toString();
    if (answer.status() != 200 || !page.contains("scopegate_build_info")) {
      throw new IOException(
          "status "
              + answer.status()
              + " without Scopegate's metrics (expected: admin.address of a gateway)");
    }
    return Scrape.of(page);
  }
}
