package io.scopegate.demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code scopegate demo}. */
@Command(
    name = "demo",
    description =
        "Run everything on this machine, without a cluster: stand-ins, a gateway and a tour.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private final PrintStream out;
  private final Ports ports;

  @Option(names = "--once", description = "Exit after the tour; exit code 1 if a check fails.")
  private boolean once;

  /** Writes UTF-8 to standard output, whatever the locale. */
  DemoCommand() {
    this(
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        Ports.usual());
  }

  DemoCommand(PrintStream out, Ports ports) {
    this.out = out;
    this.ports = ports;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long began = System.nanoTime();
    Transcript transcript = new Transcript(out);
    transcript.title("Scopegate's demo: everything on this machine, nothing leaves it");
    Opened opened = new Opened();
    Thread cleaning = new Thread(opened::close, "demo-end");
    Runtime.getRuntime().addShutdownHook(cleaning);
    Stage stage = Stage.open(opened, ports);
    Introduction.print(transcript, stage);
    new Walk(stage, transcript).run();
    transcript.summary(Duration.ofNanos(System.nanoTime() - began));
    if (!once) {
      Commands.print(transcript, stage);
      new CountDownLatch(1).await(); // Ctrl-C ends it
    }
    Runtime.getRuntime().removeShutdownHook(cleaning);
    opened.close();
    return transcript.isAsExpected() ? 0 : 1;
  }
}
