"""Head office: takes the kiosks' taps, keeps them, counts them and shows what they say."""
