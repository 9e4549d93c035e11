package io.scopegate.gateway.meter;

/** The header and trailer around deflate data. */
interface Envelope {
  /** How far the header is. */
  enum Progress {
    /** There is more of it. */
    MORE,
    /** That was its last byte. */
    DONE,
    /** This is no such header. */
    WRONG
  }

  /** The next byte of a header. */
  Progress header(byte next);

  /** The length of the trailer. */
  int trailer();

  /** Whether another header may come after the trailer. */
  boolean mayFollow();
}
