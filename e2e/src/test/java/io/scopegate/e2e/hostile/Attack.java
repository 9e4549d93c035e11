package io.scopegate.e2e.hostile;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a hostile client does. The volume is what is enough to end, or to fill, a gateway with a
 * heap of 128 MiB that does not bound it.
 */
final class Attack {
  private final String title;
  private Listener listener = Listener.QUERY;
  private Set<Door> doors = EnumSet.noneOf(Door.class);
  private int connections = 1;
  private int messages = 1;
  private int[] settings = {};
  private Duration pause = Duration.ZERO;
  private boolean reads = true;
  private boolean endsByTimeout;
  private boolean holdsNothing;
  private Script script = (scene, number) -> new byte[0];

  private Attack(String title) {
    this.title = title;
  }

  /** Begins one: a sentence, with the number of a CVE where there is one. */
  static Attack called(String title) {
    return new Attack(title);
  }

  /** By each of these ways. */
  Attack through(Set<Door> ways) {
    doors = EnumSet.copyOf(ways);
    return this;
  }

  /** At another port than that of queries. */
  Attack at(Listener port) {
    listener = port;
    return this;
  }

  /** From so many connections. */
  Attack from(int count) {
    connections = count;
    return this;
  }

  /** So many messages on each connection. */
  Attack times(int count) {
    messages = count;
    return this;
  }

  /** With these settings of HTTP/2, as ids and values in turn. */
  Attack settings(int... pairs) {
    settings = pairs;
    return this;
  }

  /** With a pause between two messages; without, as fast as the gateway takes them. */
  Attack every(Duration time) {
    pause = time;
    return this;
  }

  /** Without ever reading an answer. */
  Attack unread() {
    reads = false;
    return this;
  }

  /** The gateway has to close these connections by itself when its timeouts are over. */
  Attack endsByTimeout() {
    endsByTimeout = true;
    return this;
  }

  /** Nothing may stay in the heap when all is answered, though the connections are open. */
  Attack holdsNothing() {
    holdsNothing = true;
    return this;
  }

  /** What is sent. */
  Attack sends(Script bytes) {
    script = bytes;
    return this;
  }

  String title() {
    return title;
  }

  Listener listener() {
    return listener;
  }

  Set<Door> doors() {
    return doors;
  }

  int connections() {
    return connections;
  }

  int messages() {
    return messages;
  }

  int[] settings() {
    return settings.clone();
  }

  Duration pause() {
    return pause;
  }

  boolean reads() {
    return reads;
  }

  boolean mustEndByTimeout() {
    return endsByTimeout;
  }

  boolean mustHoldNothing() {
    return holdsNothing;
  }

  /** The bytes of one message. */
  byte[] message(Scene scene, int number) {
    return script.message(scene, number);
  }

  /** What an attack sends: the bytes of a message by its number, from 0 on. */
  interface Script {
    byte[] message(Scene scene, int number);
  }

  /**
   * Where a message is sent.
   *
   * @param target the gateway and whose tokens are good there
   * @param firstStream the first free stream of the connection
   * @param connection the connection's number
   */
  record Scene(Target target, int firstStream, int connection) {
    /** The stream of a message, where each has its own. */
    int stream(int number) {
      return firstStream + 2 * number;
    }
  }
}
