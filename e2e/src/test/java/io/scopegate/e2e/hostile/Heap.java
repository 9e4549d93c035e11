package io.scopegate.e2e.hostile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The heap of another JVM, asked by JMX. */
final class Heap implements AutoCloseable {
  static {
    // a JVM that does nothing but collect answers nobody; without this, whoever asks waits for ever
    System.setProperty("sun.rmi.transport.tcp.responseTimeout", "20000");
  }

  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final List<MemoryPoolMXBean> pools;

  private Heap(JMXConnector connector, MemoryMXBean memory, List<MemoryPoolMXBean> pools) {
    this.connector = connector;
    this.memory = memory;
    this.pools = pools;
  }

  /** What makes a JVM answer on a port of loopback. */
  static List<String> flags(int port) {
    return List.of(
        "-Dcom.sun.management.jmxremote.host=127.0.0.1",
        "-Djava.rmi.server.hostname=127.0.0.1",
        "-Dcom.sun.management.jmxremote.port=" + port,
        "-Dcom.sun.management.jmxremote.rmi.port=" + port,
        "-Dcom.sun.management.jmxremote.authenticate=false",
        "-Dcom.sun.management.jmxremote.ssl=false");
  }

  @SuppressWarnings("BanJNDI") // it is a process of the test's own, on loopback
  static Heap at(int port) {
    try {
      JMXConnector connector =
          JMXConnectorFactory.connect(
              new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
      MBeanServerConnection server = connector.getMBeanServerConnection();
      return new Heap(
          connector,
          ManagementFactory.newPlatformMXBeanProxy(
              server, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class),
          ManagementFactory.getPlatformMXBeans(server, MemoryPoolMXBean.class).stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The bytes that a collection leaves in use: not those that are in use when it is asked for,
   * which is later, and on a busy machine much later.
   */
  long afterCollection() {
    memory.gc();
    return pools.stream().mapToLong(pool -> pool.getCollectionUsage().getUsed()).sum();
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // the process is gone, and the connection with it
    }
  }
}
