package io.scopegate.demo;

import io.scopegate.gateway.cli.Main;

/** The program that the launcher starts: the gateway's commands, and {@code demo}. */
public final class DemoMain {
  private DemoMain() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(Main.run(args, new DemoCommand()));
  }
}
